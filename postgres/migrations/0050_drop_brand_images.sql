-- +goose Up
-- A brand is a name, a colour and a corner of the company's settings; pictures
-- were never kept.
DROP TABLE brand_images;
